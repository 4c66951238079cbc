# What a program needs to build against the library: headers, CMake package, pkg-config files.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/openschannel)

set_target_properties(openschannel_win32 PROPERTIES EXPORT_NAME win32)
install(TARGETS openschannel openschannel_win32 EXPORT openschannelTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT openschannelTargets NAMESPACE openschannel:: DESTINATION ${package_dir})
install(DIRECTORY include/openschannel DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY include/win32/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/openschannel-win32)

configure_package_config_file(cmake/openschannelConfig.cmake.in openschannelConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(openschannelConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/openschannelConfig.cmake
  ${PROJECT_BINARY_DIR}/openschannelConfigVersion.cmake DESTINATION ${package_dir})
foreach(name openschannel openschannel-win32)
  configure_file(cmake/${name}.pc.in ${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
